import type { Pool } from 'pg'

/** Errors, by SQLSTATE, of a Postgres that cannot write at the moment: the work itself is valid. */
export const NOT_NOW_STATES = [
  ...['08006', '25006', '25P03', '25P04', '40001', '40P01', '53000', '53100', '53200', '53300', '53400', '55P03'],
  ...['57000', '57014', '57P01', '57P02', '57P03', '57P05', '58000', '58030', '58P01'],
] as const

/** Makes the tables of one schema reject every write, on demand. */
export interface WriteFault {
  /** Makes every `insert`, `update` and `delete` fail with this SQLSTATE from now on. */
  begin(state: string): Promise<void>
  end(): Promise<void>
}

/** Adds a trigger to each table of a schema. Nothing is rejected until `begin`. */
export async function rejectWrites(pool: Pool, schema: string): Promise<WriteFault> {
  await pool.query(`create table public.rejections (state text);
    create function public.reject() returns trigger language plpgsql as $$
    declare fault text := (select state from public.rejections limit 1);
    begin
      if fault is not null then raise exception 'rejected by a test' using errcode = fault; end if;
      return null;
    end $$`)
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
    [schema],
  )
  for (const { name } of rows)
    await pool.query(
      `create trigger reject before insert or update or delete on ${name} for each statement execute function public.reject()`,
    )
  const end = async () => {
    await pool.query('delete from public.rejections')
  }
  return {
    begin: async (state) => {
      await end()
      await pool.query('insert into public.rejections values ($1)', [state])
    },
    end,
  }
}
