import { signWithPasskey, useSession } from '@countersign/react';
import { type FormEvent, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { passkeySignInOptions, signIn, signInWithPasskey } from '../auth-api.ts';
import { messages } from '../messages.ts';
import { formatNextPath } from '../next-path.ts';
import { loadChallengePage } from './ChallengeRoute.tsx';
import { explainPasskey, explainPassword, type SignInFaults } from './explain-sign-in.ts';
import { rememberEmail } from './signing-in-as.ts';
import { usePasskeySuggestions } from './use-passkey-suggestions.ts';

/** Signing in, by password or by passkey, and coming back to `next`. */
export function useSignIn(next: string) {
  const { session, refresh } = useSession();
  const [, navigate] = useLocation();
  const fields = useFields();
  const { email, password, emailInput, passwordInput } = fields;
  const [faults, setFaults] = useState<SignInFaults>({});
  const [busy, setBusy] = useState<'password' | 'passkey' | null>(null);

  const sendPassword = async () => {
    setBusy('password');
    // While the password is checked. Where it fails, showing the page asks once more, and says so.
    const isFetched = loadChallengePage().catch(() => undefined);
    try {
      const { challenged } = await signIn(email.trim(), password);
      if (challenged) {
        rememberEmail(email.trim());
        // What may answer the challenge comes with the session: the next screen needs it at once.
        await Promise.all([refresh(), isFetched]);
        navigate(formatNextPath('/sign-in/challenge', next));
        return;
      }
      await refresh();
    } catch (error) {
      setFaults(explainPassword(error));
      passwordInput.current?.focus();
      passwordInput.current?.select();
    } finally {
      setBusy(null);
    }
  };

  const sendPasskey = async (answer: () => object | Promise<object>) => {
    setBusy('passkey');
    setFaults({});
    try {
      await signInWithPasskey(await answer());
      await refresh();
    } catch (error) {
      setFaults(explainPasskey(error));
    } finally {
      setBusy(null);
    }
  };

  // While something else is asked or sent, a suggestion that is chosen would get in its way.
  const isIdle = session !== null && session.state !== 'active' && busy === null;
  usePasskeySuggestions(isIdle, (response) => void sendPasskey(() => response));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy !== null) return;
    const found: SignInFaults = {
      ...(email.trim() === '' ? { email: messages.signIn.emailMissing } : {}),
      ...(password === '' ? { password: messages.signIn.passwordMissing } : {}),
    };
    setFaults(found);
    if (found.email !== undefined) emailInput.current?.focus();
    else if (found.password !== undefined) passwordInput.current?.focus();
    else void sendPassword();
  };

  const askPasskey = () =>
    void sendPasskey(async () => signWithPasskey(await passkeySignInOptions()));

  return { ...fields, next, faults, busy, submit, askPasskey };
}

function useFields() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const emailInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  return { email, setEmail, password, setPassword, emailInput, passwordInput };
}
