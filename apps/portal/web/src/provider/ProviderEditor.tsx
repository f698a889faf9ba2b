import { CountersignError, useDraft, useProtected } from '@countersign/react';
import type { IdentityProviderDocument } from '@countersign/server/contract';
import { type FormEvent, type ReactNode, useState } from 'react';
import { changeIdentityProvider, type ProviderChanged } from '../api-identity-provider.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { Notice } from '../components/Notice.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { providerMessages } from '../messages-provider.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import {
  findProviderFaults,
  formatProvider,
  type ProviderField,
  type ProviderForm,
  parseProvider,
} from './provider-form.ts';

export interface ProviderEditorProps {
  readonly document: IdentityProviderDocument;
  readonly onSaved: (changed: ProviderChanged) => void;
}

const FAULTS: Readonly<Record<ProviderField, string>> = {
  issuer: providerMessages.faults.issuer,
  clientId: providerMessages.faults.clientId,
  clientSecret: providerMessages.faults.clientSecret,
  signInName: providerMessages.faults.signInName,
  maxAgeMinutes: providerMessages.faults.maxAgeSeconds,
};

/** The provider as a form. */
export function ProviderEditor(props: ProviderEditorProps): ReactNode {
  const text = providerMessages;
  const editor = useProviderEditor(props);
  const { own, issuer, redirectUris } = props.document;
  const field = (name: keyof ProviderForm) => ({
    error: editor.faults[name] ?? null,
    onChange: (value: string) => editor.setTyped({ ...editor.typed, [name]: value }),
    value: editor.typed[name],
    spellCheck: false,
    autoCapitalize: 'off',
    autoComplete: 'off',
  });
  return (
    <form method="post" noValidate onSubmit={editor.submit} ref={editor.form}>
      <CardSection title={text.form}>
        <div className="grid gap-5 border-line border-t px-5 py-5">
          <Redirects addresses={redirectUris} />
          <TextField
            {...field('issuer')}
            hint={text.issuerHint(own === null ? issuer : null)}
            inputMode="url"
            label={text.issuer}
          />
          <TextField {...field('clientId')} label={text.clientId} />
          <TextField
            autoComplete="off"
            error={editor.faults.clientSecret ?? null}
            hint={own === null ? text.clientSecretHint : text.clientSecretKept}
            label={text.clientSecret}
            onChange={editor.setClientSecret}
            type="password"
            value={editor.clientSecret}
          />
          <TextField {...field('signInName')} hint={text.signInNameHint} label={text.signInName} />
          <TextField
            {...field('maxAgeMinutes')}
            hint={text.maxAgeHint}
            inputMode="numeric"
            label={text.maxAge}
          />
          <p className="text-ink-3 text-sm">{text.consequence}</p>
          {editor.error === null ? null : <Notice tone="danger">{editor.error}</Notice>}
          <div>
            <Button busy={editor.busy} tone="primary" type="submit">
              {text.save}
            </Button>
          </div>
        </div>
      </CardSection>
    </form>
  );
}

function Redirects({ addresses }: { readonly addresses: readonly string[] }): ReactNode {
  const text = providerMessages;
  return (
    <div className="grid gap-2">
      <p className="font-[560]">{text.redirects}</p>
      <p className="text-ink-2 text-sm">{text.redirectsHint}</p>
      <ul className="grid gap-2">
        {addresses.map((address) => (
          <li className="flex flex-wrap items-center gap-x-4 gap-y-1" key={address}>
            <code className="font-mono [overflow-wrap:anywhere]">{address}</code>
            <CopyButton label={text.copyRedirect} text={address} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function useProviderEditor({ document, onSaved }: ProviderEditorProps) {
  const text = providerMessages;
  const { version, own } = document;
  const [draft, setDraft] = useDraft<ProviderForm | null>('identity-provider', null);
  const [clientSecret, setClientSecret] = useState('');
  const { form, faults, report } = useFaults<ProviderField>();
  const typed = draft ?? formatProvider(document);
  const saved = (changed: ProviderChanged) => {
    setDraft(null);
    setClientSecret('');
    onSaved(changed);
  };
  const save = useProtected('identity-provider.change', changeIdentityProvider, {
    secretParams: true,
  });
  const action = useAction(async () => {
    try {
      saved(await save(parseProvider(typed, { version, clientSecret })));
    } catch (cause) {
      const found = cause instanceof CountersignError ? faultsIn(cause) : {};
      if (!report(found)) throw cause;
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    action.forget();
    const found = findProviderFaults(typed, { own, clientSecret });
    if (!report(Object.fromEntries(found.map((name) => [name, FAULTS[name]])))) action.run();
  };
  const told = { provider_rejected: text.rejected, conflict: text.taken };
  const error = action.error === null ? null : explainError(action.error, told);
  const { busy } = action;
  return {
    form,
    faults,
    typed,
    setTyped: setDraft,
    clientSecret,
    setClientSecret,
    busy,
    error,
    submit,
  };
}

/** What the server found wrong, by field. */
function faultsIn({ problem }: CountersignError): Partial<Record<ProviderField, string>> {
  const paths = (problem?.errors ?? []).map(({ path }) =>
    path === 'maxAgeSeconds' ? 'maxAgeMinutes' : path,
  );
  const named = Object.keys(FAULTS).filter((name) => paths.includes(name)) as ProviderField[];
  return Object.fromEntries(named.map((name) => [name, FAULTS[name]]));
}
