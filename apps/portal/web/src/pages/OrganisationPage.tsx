import { useSession } from '@countersign/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { setOutToOrganisation } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { organisationMessages } from '../messages-organisation.ts';
import { formatNextPath, parseNextPath } from '../next-path.ts';
import { leaveFor, rememberJourney } from '../session/provider-journey.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

const NAME_KEY = 'countersign-organisation';

/** Asks for the organisation's short name, and leaves for its sign-in. */
export function OrganisationPage(): ReactNode {
  const text = organisationMessages;
  const { session } = useSession();
  const next = parseNextPath(useSearch(), window.location.origin);
  // The same people come back to the same organisation.
  const [name, setName] = useState(() => localStorage.getItem(NAME_KEY) ?? '');
  const [isLeaving, setIsLeaving] = useState(false);
  const { form, faults, report } = useFaults<'name'>();
  const action = useAction(async () => {
    const typed = name.trim();
    const { url, state } = await setOutToOrganisation(typed);
    localStorage.setItem(NAME_KEY, typed);
    rememberJourney({ state, purpose: 'sign-in', next });
    setIsLeaving(true);
    leaveFor(url);
  });
  if (session?.state === 'active') return <Redirect replace to={next} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (action.busy || isLeaving) return;
    action.forget();
    if (!report(name.trim() === '' ? { name: text.nameMissing } : {})) action.run();
  };
  const own = { organisation_unknown: text.unknown };
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title}>
        {text.intro}
      </PageHeading>
      <form className="mt-5 grid gap-5" method="post" noValidate onSubmit={submit} ref={form}>
        <TextField
          autoCapitalize="off"
          autoComplete="organization"
          autoFocus
          error={faults.name ?? null}
          hint={text.nameHint}
          label={text.name}
          name="organisation"
          onChange={setName}
          spellCheck={false}
          value={name}
        />
        {action.error === null ? null : (
          <Notice tone="danger">{explainError(action.error, own)}</Notice>
        )}
        <Button busy={action.busy || isLeaving} className="w-full" tone="primary" type="submit">
          {isLeaving ? text.leaving : text.submit}
        </Button>
      </form>
      <p className="mt-4 text-sm">
        <Link className="text-link" href={formatNextPath('/sign-in', next)}>
          {text.back}
        </Link>
      </p>
    </Sheet>
  );
}
