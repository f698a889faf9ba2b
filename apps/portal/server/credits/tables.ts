import type { Migration } from '@countersign/server';
import type { Generated, GeneratedAlways } from 'kysely';
import type { Currency } from './prices.ts';

export type LedgerUnit = 'credit' | Currency;
export type AccountKind = 'available' | 'issued' | 'spent' | 'receivable' | 'sales';

export type CreditTables = {
  'portal.ledger_account': {
    id: Generated<string>;
    tenant_id: string;
    unit: LedgerUnit;
    kind: AccountKind;
    balance: GeneratedAlways<string>;
    entry_count: GeneratedAlways<string>;
  };
  'portal.ledger_transaction': {
    id: Generated<string>;
    tenant_id: string;
    kind: 'purchase' | 'spend';
    reference: string;
    created_by: string;
    at: Generated<Date>;
  };
  'portal.ledger_entry': {
    id: Generated<string>;
    transaction_id: string;
    account_id: string;
    tenant_id: string;
    unit: LedgerUnit;
    amount: string | number;
    /** Place in its account, from 1, without a gap. */
    number: GeneratedAlways<string>;
    balance_after: GeneratedAlways<string>;
  };
  'portal.credit_purchase': {
    id: Generated<string>;
    tenant_id: string;
    idempotency_key: string;
    credits: number;
    amount_minor: number;
    currency: Currency;
    purchased_by: string;
    at: Generated<Date>;
  };
  'portal.invoice': {
    tenant_id: string;
    sequence: GeneratedAlways<number>;
    number: GeneratedAlways<string>;
    purchase_id: string;
    amount_minor: number;
    currency: Currency;
    issued_at: Generated<Date>;
    due_at: Date;
  };
};

const LEDGER = `
-- Balances are kept by the entries alone: see the triggers.
create table portal.ledger_account (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  unit text not null check (unit in ('credit', 'EUR', 'USD', 'GBP')),
  kind text not null check (kind in ('available', 'issued', 'spent', 'receivable', 'sales')),
  balance bigint not null default 0,
  entry_count bigint not null default 0,
  unique (tenant_id, unit, kind),
  unique (id, tenant_id, unit),
  constraint available_credits_never_negative check (kind <> 'available' or balance >= 0)
);

create table portal.ledger_transaction (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  kind text not null check (kind in ('purchase', 'spend')),
  reference text not null,
  created_by text not null,
  at timestamptz not null default now(),
  xact xid8 not null default pg_current_xact_id(),
  unique (id, tenant_id)
);

create table portal.ledger_entry (
  id uuid primary key default gen_random_uuid(),
  transaction_id uuid not null,
  account_id uuid not null,
  tenant_id text not null,
  unit text not null,
  amount bigint not null check (amount <> 0),
  number bigint not null,
  balance_after bigint not null,
  foreign key (transaction_id, tenant_id) references portal.ledger_transaction (id, tenant_id),
  foreign key (account_id, tenant_id, unit) references portal.ledger_account (id, tenant_id, unit),
  unique (account_id, number)
);
create index on portal.ledger_entry (transaction_id);
`;

const BILLING = `
create table portal.credit_purchase (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  idempotency_key text not null,
  credits integer not null check (credits > 0),
  amount_minor integer not null check (amount_minor > 0),
  currency text not null check (currency in ('EUR', 'USD', 'GBP')),
  purchased_by text not null,
  at timestamptz not null default now(),
  unique (tenant_id, idempotency_key)
);

create table portal.invoice_counter (
  tenant_id text primary key,
  last_sequence integer not null
);

create table portal.invoice (
  tenant_id text not null,
  sequence integer not null,
  number text not null,
  purchase_id uuid not null unique references portal.credit_purchase,
  amount_minor integer not null check (amount_minor > 0),
  currency text not null check (currency in ('EUR', 'USD', 'GBP')),
  issued_at timestamptz not null default now(),
  due_at timestamptz not null,
  primary key (tenant_id, sequence)
);
`;

const RULES = `
create function portal.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% can only be added to', tg_table_name using errcode = 'restrict_violation';
end $$;

-- An entry joins only a transaction of its own database transaction, takes the next place in its
-- account, and moves the balance.
create function portal.apply_ledger_entry() returns trigger language plpgsql as $$
begin
  if not exists (select from portal.ledger_transaction
                 where id = new.transaction_id and xact = pg_current_xact_id()) then
    raise exception 'a committed ledger transaction is closed' using errcode = 'restrict_violation';
  end if;
  update portal.ledger_account
  set balance = balance + new.amount, entry_count = entry_count + 1
  where id = new.account_id
  returning entry_count, balance into new.number, new.balance_after;
  return new;
end $$;
create trigger apply_entry before insert on portal.ledger_entry
  for each row execute function portal.apply_ledger_entry();

create function portal.own_ledger_transaction() returns trigger language plpgsql as $$
begin
  new.xact := pg_current_xact_id();
  return new;
end $$;
create trigger own_transaction before insert on portal.ledger_transaction
  for each row execute function portal.own_ledger_transaction();

-- Depth 2 is an entry's own trigger; a statement of the application is depth 1.
create function portal.guard_ledger_account() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.balance = 0 and new.entry_count = 0 then return new; end if;
  if tg_op = 'UPDATE' and pg_trigger_depth() > 1
    and (new.id, new.tenant_id, new.unit, new.kind) = (old.id, old.tenant_id, old.unit, old.kind)
  then return new; end if;
  raise exception 'an account changes by ledger entries alone' using errcode = 'restrict_violation';
end $$;
create trigger guard_account before insert or update or delete on portal.ledger_account
  for each row execute function portal.guard_ledger_account();

create function portal.check_ledger_balanced() returns trigger language plpgsql as $$
declare
  checked uuid;
begin
  if tg_table_name = 'ledger_entry' then checked := new.transaction_id; else checked := new.id; end if;
  if not exists (select from portal.ledger_entry where transaction_id = checked)
    or exists (select from portal.ledger_entry where transaction_id = checked
               group by unit having sum(amount) <> 0) then
    raise exception 'the entries of a ledger transaction must sum to zero in every unit'
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger balanced after insert on portal.ledger_transaction
  deferrable initially deferred for each row execute function portal.check_ledger_balanced();
create constraint trigger balanced after insert on portal.ledger_entry
  deferrable initially deferred for each row execute function portal.check_ledger_balanced();

-- Numbers without a gap: the counter's row stays locked to the transaction's end, and a rollback
-- gives the number back.
create function portal.number_invoice() returns trigger language plpgsql as $$
begin
  insert into portal.invoice_counter as c (tenant_id, last_sequence) values (new.tenant_id, 1)
  on conflict (tenant_id) do update set last_sequence = c.last_sequence + 1
  returning last_sequence into new.sequence;
  new.number := 'INV-' || lpad(new.sequence::text, greatest(6, length(new.sequence::text)), '0');
  return new;
end $$;
create trigger number_invoice before insert on portal.invoice
  for each row execute function portal.number_invoice();

create function portal.guard_invoice_counter() returns trigger language plpgsql as $$
begin
  if tg_op <> 'DELETE' and pg_trigger_depth() > 1 then return new; end if;
  raise exception 'invoices alone count invoices' using errcode = 'restrict_violation';
end $$;
create trigger guard_counter before insert or update or delete on portal.invoice_counter
  for each row execute function portal.guard_invoice_counter();
`;

const APPEND_ONLY = ['ledger_transaction', 'ledger_entry', 'credit_purchase', 'invoice'];
const NEVER_EMPTIED = [...APPEND_ONLY, 'ledger_account', 'invoice_counter'];

export const creditMigration: Migration = {
  name: 'portal-0004-credits',
  sql: [
    LEDGER,
    BILLING,
    RULES,
    ...APPEND_ONLY.map(
      (table) => `create trigger append_only before update or delete on portal.${table}
  for each row execute function portal.refuse_change();`,
    ),
    ...NEVER_EMPTIED.map(
      (table) => `create trigger never_emptied before truncate on portal.${table}
  for each statement execute function portal.refuse_change();`,
    ),
  ].join('\n'),
};
