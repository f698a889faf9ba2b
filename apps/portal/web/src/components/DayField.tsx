import { type ReactNode, useEffect, useRef } from 'react';
import { TextField, type TextFieldProps } from './TextField.tsx';

/** What a day that was begun and not finished is called: no day, and not none either. */
const BROKEN_DAY = 'incomplete';

export type DayFieldProps = Pick<TextFieldProps, 'label' | 'hint' | 'error' | 'value' | 'onChange'>;

/** A day, as `YYYY-MM-DD`; empty when there is none; anything else when it is not a whole one. */
export function DayField({ value, onChange, ...rest }: DayFieldProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (value === '' && input.current?.validity.badInput === true) input.current.value = '';
  }, [value]);
  // To the browser a half-typed day is an empty value, which here would mean something else.
  const settle = () => {
    if (input.current === null) return;
    const typed = input.current.validity.badInput ? BROKEN_DAY : input.current.value;
    if (typed !== value) onChange(typed);
  };
  return (
    <TextField
      {...rest}
      className="content-start"
      onBlur={settle}
      onChange={settle}
      onKeyUp={settle}
      ref={input}
      type="date"
      value={value === BROKEN_DAY ? '' : value}
    />
  );
}
