import type { IdentityProviderDocument } from '@countersign/server/contract';
import type { ProviderChange } from '../api-identity-provider.ts';

/** A provider as it is typed. */
export interface ProviderForm {
  readonly issuer: string;
  readonly clientId: string;
  readonly signInName: string;
  readonly maxAgeMinutes: string;
}

export type ProviderField = keyof ProviderForm | 'clientSecret';

const MOST_MINUTES = 1440;

export function formatProvider(document: IdentityProviderDocument): ProviderForm {
  const { own, signInName, maxAgeSeconds } = document;
  return {
    issuer: own?.issuer ?? '',
    clientId: own?.clientId ?? '',
    signInName: signInName ?? '',
    maxAgeMinutes: String(Math.floor(maxAgeSeconds / 60)),
  };
}

/** What is wrong before it is sent. A new issuer or client needs its own secret. */
export function findProviderFaults(
  form: ProviderForm,
  { clientSecret, own }: Pick<IdentityProviderDocument, 'own'> & { readonly clientSecret: string },
): ProviderField[] {
  const { issuer, clientId } = trimmed(form);
  const minutes = Number(form.maxAgeMinutes);
  const isSame = own !== null && own.issuer === issuer && own.clientId === clientId;
  const needsSecret = issuer !== '' && !isSame && clientSecret === '';
  const name = form.signInName.trim().toLowerCase();
  return [
    ...(issuer !== '' && !URL.canParse(issuer) ? (['issuer'] as const) : []),
    ...((issuer === '') !== (clientId === '') ? (['clientId'] as const) : []),
    ...(needsSecret ? (['clientSecret'] as const) : []),
    ...(name !== '' && !/^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/u.test(name)
      ? (['signInName'] as const)
      : []),
    ...(/^\d+$/u.test(form.maxAgeMinutes.trim()) && minutes <= MOST_MINUTES
      ? []
      : (['maxAgeMinutes'] as const)),
  ];
}

export function parseProvider(
  form: ProviderForm,
  { version, clientSecret }: { readonly version: number; readonly clientSecret: string },
): ProviderChange {
  const { issuer, clientId } = trimmed(form);
  const name = form.signInName.trim().toLowerCase();
  return {
    version,
    issuer: issuer === '' ? null : issuer,
    clientId: clientId === '' ? null : clientId,
    signInName: name === '' ? null : name,
    maxAgeSeconds: Number(form.maxAgeMinutes) * 60,
    ...(clientSecret === '' || issuer === '' ? {} : { clientSecret }),
  };
}

function trimmed({ issuer, clientId }: ProviderForm) {
  return { issuer: issuer.trim(), clientId: clientId.trim() };
}
