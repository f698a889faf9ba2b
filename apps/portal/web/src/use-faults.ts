import { type RefObject, useEffect, useRef, useState } from 'react';

export type Faults<Name extends string> = Readonly<Partial<Record<Name, string>>>;

export interface FormFaults<Name extends string> {
  /** Goes on the form whose fields are meant. */
  readonly form: RefObject<HTMLFormElement | null>;
  readonly faults: Faults<Name>;
  /** Shows these faults and no others, and moves the focus to the first; true when there are any. */
  report(found: Faults<Name>): boolean;
}

/** What is wrong with a form, by the names of its fields. */
export function useFaults<Name extends string>(): FormFaults<Name> {
  const form = useRef<HTMLFormElement>(null);
  // No fault at all is a table of any names; the compiler cannot see that of a name it does not know.
  const [faults, setFaults] = useState({} as Faults<Name>);
  useEffect(() => {
    if (Object.keys(faults).length === 0) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }, [faults]);
  const report = (found: Faults<Name>) => {
    setFaults(found);
    return Object.keys(found).length > 0;
  };
  return { form, faults, report };
}
