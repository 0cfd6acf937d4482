-- A trigger for rows sees no TRUNCATE.
create function operators.keep_whole_audit() returns trigger language plpgsql as $$
begin
  raise exception 'operators.audit only grows: % is rejected', tg_op using errcode = 'restrict_violation';
end
$$;
create trigger keep_whole_audit before truncate on operators.audit
  for each statement execute function operators.keep_whole_audit();
