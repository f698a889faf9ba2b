let email: string | null = null;

/** Keeps the address typed at sign-in, in this page's memory alone, for the next screen to show. */
export function rememberEmail(typed: string): void {
  email = typed;
}

/** The address typed at sign-in; null after a reload. */
export function rememberedEmail(): string | null {
  return email;
}
