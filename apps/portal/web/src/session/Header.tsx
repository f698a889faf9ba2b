import type { Session } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { Icon } from '../components/Icon.tsx';
import { messages } from '../messages.ts';
import { shellMessages } from '../messages-shell.ts';
import { AssurancePill } from './AssurancePill.tsx';
import { SignOutButton } from './SignOutButton.tsx';

const { nav } = shellMessages;

const forEveryone = [
  { path: '/app', label: nav.records },
  { path: '/app/security', label: nav.security },
] as const;

const forAdministrators = [
  { path: '/app', label: nav.records },
  { path: '/app/credits', label: nav.credits },
  { path: '/app/api-keys', label: nav.apiKeys },
  { path: '/app/security', label: nav.security },
  { path: '/admin/people', label: nav.people },
  { path: '/admin/policy', label: nav.policy },
  { path: '/admin/audit', label: nav.audit },
] as const;

/** Where one can go, on whose behalf, and how sure we are who this is. */
export function Header({ session }: { readonly session: Session }): ReactNode {
  const [path] = useLocation();
  const isAdministrator = session.tenant?.role === 'administrator';
  return (
    <header className="border-line border-b bg-surface">
      <div className="mx-auto flex max-w-[90rem] flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:px-8">
        <p className="flex min-h-10 min-w-0 items-center gap-2.5 font-[640] tracking-[-0.01em]">
          <Icon className="size-6 text-accent" name="shield" />
          <span className="truncate">{session.tenant?.name ?? messages.product}</span>
        </p>
        {/* Seven links do not fit beside the rest before the widest screens. */}
        <nav
          aria-label={nav.label}
          className={`-mx-2 flex flex-wrap gap-x-0.5 gap-y-1 sm:gap-x-1 ${
            isAdministrator
              ? 'max-2xl:order-1 max-2xl:w-full 2xl:ml-2'
              : 'max-md:order-1 max-md:w-full md:ml-2'
          }`}
        >
          {(isAdministrator ? forAdministrators : forEveryone).map((screen) => (
            <Link
              aria-current={path === screen.path ? 'page' : undefined}
              className="inline-flex min-h-10 items-center whitespace-nowrap rounded-lg px-2 font-[520] text-ink-2 hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent sm:px-3"
              href={screen.path}
              key={screen.path}
            >
              {screen.label}
            </Link>
          ))}
        </nav>
        {session.assurance === null ? null : (
          <div className="max-md:order-last md:ml-auto">
            <AssurancePill assurance={session.assurance} />
          </div>
        )}
        <div className="-mr-4 flex min-w-0 flex-wrap items-center justify-end gap-x-2 max-md:ml-auto">
          <span className="max-w-44 truncate text-ink-2 text-sm max-lg:hidden">
            {session.user?.name}
          </span>
          <SignOutButton />
        </div>
      </div>
    </header>
  );
}
