import { isPasskeySupported, useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { TextField } from '../components/TextField.tsx';
import { messages } from '../messages.ts';
import { formatNextPath, parseNextPath } from '../next-path.ts';
import { AccountDeleted } from '../session/AccountDeleted.tsx';
import { entryPath } from '../session/entry-path.ts';
import { SlowedDown } from '../session/SlowedDown.tsx';
import { useSignIn } from '../session/use-sign-in.ts';

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
  const noticeText = noticeTextOf(notice);
  const isRefused = form.faults.form !== undefined || form.faults.waitSeconds !== undefined;
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title} />
      {isDeleted ? <AccountDeleted /> : null}
      {noticeText === null || isRefused ? null : (
        <Notice className="mt-4" tone="warn">
          {noticeText}
        </Notice>
      )}
      <form className="mt-5 grid gap-5" method="post" noValidate onSubmit={form.submit}>
        <TextField
          autoCapitalize="off"
          autoComplete="username webauthn"
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
          <Button busy={form.busy !== null} className="w-full" tone="primary" type="submit">
            {text.submit}
          </Button>
        </div>
      </form>
      <p className="mt-4 text-sm">
        <Link className="text-link" href="/sign-in/forgot">
          {text.forgot}
        </Link>
      </p>
      {isPasskeySupported() ? (
        <div className="mt-4 grid gap-4">
          <p className="text-center text-ink-3 text-sm">{text.or}</p>
          <Button busy={form.busy !== null} className="w-full" onClick={form.askPasskey}>
            {form.busy === 'passkey' ? text.passkeyBusy : text.passkey}
          </Button>
        </div>
      ) : null}
      <p className="mt-4 text-sm">
        <Link className="text-link" href={formatNextPath('/sign-in/organisation', form.next)}>
          {text.organisation}
        </Link>
      </p>
    </Sheet>
  );
}

function noticeTextOf(notice: string | null): string | null {
  if (notice === 'ran-out') return messages.signIn.ranOut;
  return notice === 'session-ended' ? messages.signIn.sessionEnded : null;
}
