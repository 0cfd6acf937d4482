-- Why a mail waits by its own fault, since when, and how often it was rejected. An outage of the mail server leaves no trace.
alter table notices.mails
  add column rejections integer not null default 0,
  add column trouble text constraint mails_trouble check (trouble in ('deferred', 'unreadable')),
  add column trouble_since timestamptz(3);

-- Fresh mails go first. `mails_queued` stays for processes of the previous version.
create index mails_fresh on notices.mails (created_at) where status = 'queued' and attempts = 0;
create index mails_tried on notices.mails (due_at) where status = 'queued' and attempts > 0;
-- The queue's lengths, its oldest mail, and the operator's lists.
create index mails_unsent on notices.mails (status, created_at, event_id) where status <> 'sent';
create index mails_order_id_idx on notices.mails (order_id);
