import type { Check } from '../step.ts';

/** A mail of the step has a link to this page, its secret in the fragment, and says all of the texts. */
export function mailHasLink(
  path: string,
  { expected, texts }: { readonly expected: string; readonly texts: readonly string[] },
): Check {
  return {
    side: 'mail',
    expected,
    judge: ({ mails }) => {
      const [mail] = mails;
      if (mail === undefined) return { holds: false, observed: 'no mail came' };
      const hasLink = new RegExp(`^\\s+https?://[^/]+${path}#\\S+$`, 'm').test(mail.text);
      const missing = texts.filter((text) => !mail.text.includes(text));
      return {
        holds: hasLink && missing.length === 0,
        observed: `“${mail.subject}”, ${hasLink ? 'with' : 'without'} the link; missing: ${missing.join(', ') || 'nothing'}`,
      };
    },
  };
}
