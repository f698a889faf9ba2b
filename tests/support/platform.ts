import { Client } from 'pg';

/** Sets what an installation asks of its platform's administrators, as a start with that setting does. */
export async function platformAdministrators(
  { urls }: { readonly urls: { readonly ownerUrl: string } },
  requirement: string,
): Promise<void> {
  const client = new Client({ connectionString: urls.ownerUrl });
  await client.connect();
  try {
    await client.query(
      `insert into countersign.platform_rule (requirement) values ($1)
       on conflict (only_row) do update set requirement = excluded.requirement`,
      [requirement],
    );
  } finally {
    await client.end();
  }
}
