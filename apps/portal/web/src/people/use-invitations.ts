import { useProtected } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import { useState } from 'react';
import {
  type InvitationsPage,
  inviteMember,
  listInvitations,
  type Role,
} from '../api-administration.ts';
import { type Cursors, useCursors } from '../use-cursors.ts';
import { type Loaded, useLoad } from '../use-load.ts';

export interface Invitations {
  readonly open: Loaded<InvitationsPage>;
  readonly cursors: Cursors;
  /** Whether the dialog that asks for an address is shown. */
  readonly isInviting: boolean;
  ask(): void;
  cancel(): void;
  invite(params: { readonly email: string; readonly role: Role }): Promise<void>;
}

/** The open invitations to addresses with `q` in them, and sending one more. */
export function useInvitations(
  q: string,
  onSent: (email: string, receipt: Receipt) => void,
): Invitations {
  const cursors = useCursors();
  const open = useLoad(JSON.stringify([q, cursors.current]), (signal) =>
    listInvitations({ q, cursor: cursors.current }, signal),
  );
  const [isInviting, setIsInviting] = useState(false);
  const sent = (receipt: Receipt, { email }: { readonly email: string }) => {
    onSent(email, receipt);
    setIsInviting(false);
    open.reload();
  };
  const invite = useProtected('member.invite', inviteMember, { onResumed: sent });
  return {
    open,
    cursors,
    isInviting,
    ask: () => setIsInviting(true),
    cancel: () => setIsInviting(false),
    invite: async (params) => sent(await invite(params), params),
  };
}
