import { type ReactNode, useState } from 'react';
import { messages } from '../messages.ts';
import { TextField, type TextFieldProps } from './TextField.tsx';

/** A password with the choice to see it. */
export function PasswordField(props: TextFieldProps): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <TextField
        autoCapitalize="off"
        autoComplete="current-password"
        name="password"
        spellCheck={false}
        {...props}
        type={shown ? 'text' : 'password'}
      />
      <button
        aria-pressed={shown}
        className="absolute top-0 right-0 min-h-6 rounded-md px-1 font-[520] text-accent text-sm"
        onClick={() => setShown(!shown)}
        title={messages.signIn.showPasswordHint}
        type="button"
      >
        {messages.signIn.show}
      </button>
    </div>
  );
}
