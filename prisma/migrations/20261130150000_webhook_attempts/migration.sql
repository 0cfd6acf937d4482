-- The newest attempts of each webhook: date, status and duration.
alter table notices.webhooks add column if not exists tries jsonb not null default '[]';
-- Those that an operator dropped: over, and never sent. Processes of the release before see them as sent.
create index if not exists webhooks_dropped on notices.webhooks (created_at, id) where status = 'sent' and sent_at is null;
