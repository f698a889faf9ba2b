let loading: Promise<ReadonlySet<string>> | null = null;

/**
 * The list of breached and common passwords, in lower case: 49,233 of them, from a package on this
 * machine. Read at the first password anyone chooses, so that nothing else waits for it or holds it.
 */
export function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  loading ??= readList();
  return loading;
}

async function readList(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].map((it) => String(it).toLowerCase()));
}
