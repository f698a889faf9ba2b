import type { MemberItem } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import type { Role } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { SelectField } from '../components/SelectField.tsx';
import { peopleMessages } from '../messages-people.ts';

export interface RoleControlProps {
  readonly member: MemberItem;
  readonly busy: boolean;
  readonly onChange: (role: Role) => void;
  /** Null for the person who looks: nobody removes themselves. */
  readonly onRemove: (() => void) | null;
}

/** Chooses another role first and changes it second: choosing alone does nothing. Removing asks first. */
export function RoleControl({ member, busy, onChange, onRemove }: RoleControlProps): ReactNode {
  const text = peopleMessages;
  const [chosen, setChosen] = useState<Role>(member.role);
  const isSame = chosen === member.role;
  return (
    <div className="flex flex-wrap items-center gap-2.5 wide:flex-nowrap">
      <SelectField
        className="w-full wide:w-44"
        isLabelHiddenWide
        label={text.roleOf(member.name)}
        names={text.roles}
        onChange={(value) => setChosen(value === 'administrator' ? 'administrator' : 'person')}
        value={chosen}
      />
      <Button
        aria-label={text.changeLabel(member.name)}
        busy={busy || isSame}
        className="whitespace-nowrap"
        onClick={() => onChange(chosen)}
      >
        {text.change}
      </Button>
      {onRemove === null ? null : (
        <Button
          aria-label={text.removeLabel(member.name)}
          busy={busy}
          onClick={onRemove}
          tone="quiet"
        >
          {text.remove}
        </Button>
      )}
    </div>
  );
}
