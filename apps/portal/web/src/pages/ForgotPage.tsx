import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { isEmailAddress } from '../account/email-address.ts';
import { askForReset } from '../api-links.ts';
import { Button } from '../components/Button.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { SheetForm } from '../links/SheetForm.tsx';
import { linksMessages } from '../messages-links.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

/** Asks for a link to another password. What it says afterwards is the same for every address. */
export function ForgotPage(): ReactNode {
  const text = linksMessages.forgot;
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { form, faults, report } = useFaults<'email'>();
  const typed = email.trim();
  const action = useAction(async () => {
    await askForReset(typed);
    setSentTo(typed);
  });
  const submit = () => {
    action.forget();
    if (!report(isEmailAddress(typed) ? {} : { email: text.emailMissing })) action.run();
  };
  if (sentTo !== null) return <Sent email={sentTo} onAgain={() => setSentTo(null)} />;
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title}>
        {text.intro}
      </PageHeading>
      <SheetForm
        busy={action.busy}
        error={action.error === null ? null : explainError(action.error)}
        onSubmit={submit}
        ref={form}
        submitLabel={text.submit}
      >
        <TextField
          autoCapitalize="off"
          autoComplete="username"
          autoFocus
          error={faults.email ?? null}
          inputMode="email"
          label={text.email}
          name="email"
          onChange={setEmail}
          spellCheck={false}
          type="email"
          value={email}
        />
      </SheetForm>
      <BackToSignIn />
    </Sheet>
  );
}

function Sent({ email, onAgain }: { readonly email: string; readonly onAgain: () => void }) {
  const text = linksMessages.forgot;
  return (
    <Sheet>
      <PageHeading title={text.sentTitle}>
        <span className="[overflow-wrap:anywhere]">{text.sent(email)}</span>
      </PageHeading>
      <p className="mt-4 text-ink-2">{text.sentHint}</p>
      <Button className="mt-4 px-0!" onClick={onAgain} tone="quiet">
        {text.again}
      </Button>
      <BackToSignIn />
    </Sheet>
  );
}

function BackToSignIn(): ReactNode {
  return (
    <p className="mt-4 text-sm">
      <Link className="text-link" href="/sign-in">
        {linksMessages.forgot.back}
      </Link>
    </p>
  );
}
