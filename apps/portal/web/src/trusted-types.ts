interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: Record<
      'createHTML' | 'createScript' | 'createScriptURL',
      (input: string) => string | null
    >,
  ): unknown;
}

/**
 * Installs the default Trusted Types policy: it admits the empty string as HTML, because React Aria
 * clears its live region with it, and nothing else anywhere. Import this before React.
 */
function installTrustedTypes(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypesFactory };
  trustedTypes?.createPolicy('default', {
    createHTML: (input) => (input === '' ? '' : null),
    createScript: () => null,
    createScriptURL: () => null,
  });
}

installTrustedTypes();
