import { CountersignError, useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { checkNewPassword } from '../account/check-new-password.ts';
import { explainRefusedPassword } from '../account/explain-refused-password.ts';
import { completeReset } from '../api-links.ts';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { explainError } from '../explain-error.ts';
import { NewPasswordField } from '../links/NewPasswordField.tsx';
import { SheetForm } from '../links/SheetForm.tsx';
import { useLinkToken } from '../links/use-link-token.ts';
import { accountMessages } from '../messages-account.ts';
import { linksMessages } from '../messages-links.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

/** Where a link to another password leads. Opening it does nothing; the second factor is still needed. */
export function ResetPage(): ReactNode {
  const token = useLinkToken('/sign-in/reset');
  const [outcome, setOutcome] = useState<'done' | 'broken' | null>(null);
  // A newer link, opened in this tab, begins anew.
  if (outcome === 'done') return <Done />;
  if (token === null || outcome === 'broken') return <Broken />;
  return <NewPassword key={token} onOutcome={setOutcome} token={token} />;
}

interface NewPasswordProps {
  readonly token: string;
  readonly onOutcome: (outcome: 'done' | 'broken') => void;
}

function NewPassword({ token, onOutcome }: NewPasswordProps): ReactNode {
  const text = linksMessages.reset;
  const { refresh } = useSession();
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'password'>();
  const action = useAction(async () => {
    try {
      await completeReset({ token, newPassword: password });
      // Whatever session this browser held is over too.
      void refresh();
      onOutcome('done');
    } catch (cause) {
      const code = cause instanceof CountersignError ? cause.code : null;
      if (code === 'link_rejected') onOutcome('broken');
      else if (code === 'password_refused') report({ password: explainRefusedPassword(cause) });
      else if (code === 'parameters_invalid') {
        report({ password: accountMessages.changePassword.refused });
      } else throw cause;
    }
  });
  const submit = () => {
    action.forget();
    const fault = checkNewPassword(password, '');
    const found = fault === null ? {} : { password: accountMessages.changePassword[fault] };
    if (!report(found)) action.run();
  };
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
        <NewPasswordField
          autoFocus
          error={faults.password ?? null}
          onChange={setPassword}
          value={password}
        />
      </SheetForm>
    </Sheet>
  );
}

function Broken(): ReactNode {
  const text = linksMessages.reset;
  return (
    <Sheet>
      <PageHeading title={text.title} />
      <Notice className="mt-4" tone="warn">
        {text.broken}
      </Notice>
      <Link className="cs-button cs-primary mt-5 w-full" href="/sign-in/forgot">
        {text.askAgain}
      </Link>
    </Sheet>
  );
}

function Done(): ReactNode {
  const text = linksMessages.reset;
  return (
    <Sheet>
      <PageHeading title={text.doneTitle}>{text.done}</PageHeading>
      <p className="mt-4 text-ink-2">{text.doneFactor}</p>
      <Link className="cs-button cs-primary mt-5 w-full" href="/sign-in">
        {text.signIn}
      </Link>
    </Sheet>
  );
}
