import { CountersignError, retryAfterSeconds, useSession } from '@countersign/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { signIn } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError, isTooMany } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { formatNextPath, parseNextPath } from '../next-path.ts';
import { AccountDeleted } from '../session/AccountDeleted.tsx';
import { entryPath } from '../session/entry-path.ts';
import { SlowedDown } from '../session/SlowedDown.tsx';
import { rememberEmail } from '../session/signing-in-as.ts';

interface Faults {
  readonly email?: string;
  readonly password?: string;
  readonly form?: string;
  /** Seconds until another attempt is worth making. */
  readonly waitSeconds?: number;
}

export function SignInPage(): ReactNode {
  const text = messages.signIn;
  const search = useSearch();
  const { session } = useSession();
  const form = useSignIn(parseNextPath(search, window.location.origin));
  if (session?.state === 'active') return <Redirect replace to={form.next} />;
  // The password was all they had: nothing but signing out leads back here.
  if (session?.needs.includes('enrolment') === true) {
    return <Redirect replace to={entryPath(session, form.next) ?? form.next} />;
  }
  const notice = new URLSearchParams(search).get('notice');
  const isDeleted = notice === 'account-deleted';
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title} />
      {isDeleted ? <AccountDeleted /> : null}
      {notice === 'ran-out' &&
      form.faults.form === undefined &&
      form.faults.waitSeconds === undefined ? (
        <Notice className="mt-4" tone="warn">
          {text.ranOut}
        </Notice>
      ) : null}
      <form className="mt-5 grid gap-5" method="post" noValidate onSubmit={form.submit}>
        <TextField
          autoCapitalize="off"
          autoComplete="username"
          autoFocus={!isDeleted}
          error={form.faults.email ?? null}
          inputMode="email"
          label={text.email}
          name="email"
          onChange={form.setEmail}
          ref={form.emailInput}
          spellCheck={false}
          type="email"
          value={form.email}
        />
        <PasswordField
          error={form.faults.password ?? null}
          label={text.password}
          onChange={form.setPassword}
          ref={form.passwordInput}
          value={form.password}
        />
        <div className="grid gap-4">
          {form.faults.form === undefined ? null : (
            <Notice tone="danger">{form.faults.form}</Notice>
          )}
          {form.faults.waitSeconds === undefined ? null : (
            <SlowedDown waitSeconds={form.faults.waitSeconds} />
          )}
          <Button busy={form.busy} className="w-full" tone="primary" type="submit">
            {text.submit}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

function useSignIn(next: string) {
  const { refresh } = useSession();
  const [, navigate] = useLocation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const emailInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  const send = async () => {
    setBusy(true);
    try {
      const { challenged } = await signIn(email.trim(), password);
      if (challenged) {
        rememberEmail(email.trim());
        // What may answer the challenge comes with the session: the next screen needs it at once.
        await refresh();
        navigate(formatNextPath('/sign-in/challenge', next));
        return;
      }
      await refresh();
    } catch (error) {
      setFaults(faultsOf(error));
      passwordInput.current?.focus();
      passwordInput.current?.select();
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const found: Faults = {
      ...(email.trim() === '' ? { email: messages.signIn.emailMissing } : {}),
      ...(password === '' ? { password: messages.signIn.passwordMissing } : {}),
    };
    setFaults(found);
    if (found.email !== undefined) emailInput.current?.focus();
    else if (found.password !== undefined) passwordInput.current?.focus();
    else void send();
  };

  return {
    next,
    email,
    setEmail,
    password,
    setPassword,
    faults,
    busy,
    emailInput,
    passwordInput,
    submit,
  };
}

// Anything the server finds wrong with either half reads the same.
const REFUSALS = new Set(['INVALID_EMAIL_OR_PASSWORD', 'INVALID_EMAIL', 'VALIDATION_ERROR']);

function faultsOf(error: unknown): Faults {
  if (!(error instanceof CountersignError) || !isTooMany(error)) {
    return { form: explainSignIn(error) };
  }
  return { waitSeconds: retryAfterSeconds(error) ?? 30 };
}

function explainSignIn(error: unknown): string {
  const code = error instanceof CountersignError ? error.refusal?.code : undefined;
  return code !== undefined && REFUSALS.has(code) ? messages.signIn.refused : explainError(error);
}
