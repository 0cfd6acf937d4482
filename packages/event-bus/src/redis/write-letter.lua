#!lua flags=allow-oom
-- Appends a dead letter, and removes the oldest ones beyond the bound. Runs even where memory is full: a partition
-- makes no progress until its letter is written, and meanwhile nothing of it is trimmed.
--
-- KEYS[1] dead letters of a group (stream)
-- ARGV[1] maximum letters, about    ARGV[2] key    ARGV[3] headers (JSON)    ARGV[4] value
-- Returns the id of the letter.
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'key', ARGV[2], 'headers', ARGV[3], 'value', ARGV[4])
