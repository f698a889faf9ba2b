import type { ComponentProps, ReactNode } from 'react';

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  readonly tone?: 'plain' | 'primary' | 'danger' | 'quiet';
  /** Ignores presses but keeps the focus, which a disabled button would lose. */
  readonly busy?: boolean;
}

const tones = {
  plain: '',
  primary: 'cs-primary',
  danger: 'cs-danger',
  quiet: 'cs-quiet',
} as const;

export function Button(props: ButtonProps): ReactNode {
  const { tone = 'plain', busy = false, className = '', onClick, type = 'button', ...rest } = props;
  return (
    <button
      {...rest}
      aria-disabled={busy || undefined}
      className={`cs-button ${tones[tone]} ${className}`}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
      type={type}
    />
  );
}
