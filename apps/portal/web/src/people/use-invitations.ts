import { useProtected } from '@countersign/react';
import type { InvitationItem, Receipt } from '@countersign/server/contract';
import { useState } from 'react';
import { inviteMember, listInvitations, type Role } from '../api-administration.ts';
import { type Loaded, useLoad } from '../use-load.ts';

export interface Invitations {
  readonly open: Loaded<readonly InvitationItem[]>;
  /** Whether the dialog that asks for an address is shown. */
  readonly isInviting: boolean;
  ask(): void;
  cancel(): void;
  invite(params: { readonly email: string; readonly role: Role }): Promise<void>;
}

/** The open invitations, and sending one more. */
export function useInvitations(onSent: (email: string, receipt: Receipt) => void): Invitations {
  const open = useLoad('invitations', listInvitations);
  const [isInviting, setIsInviting] = useState(false);
  const sent = (receipt: Receipt, { email }: { readonly email: string }) => {
    onSent(email, receipt);
    setIsInviting(false);
    open.reload();
  };
  const invite = useProtected('member.invite', inviteMember, { onResumed: sent });
  return {
    open,
    isInviting,
    ask: () => setIsInviting(true),
    cancel: () => setIsInviting(false),
    invite: async (params) => sent(await invite(params), params),
  };
}
