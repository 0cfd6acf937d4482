#!lua flags=allow-oom
-- The tick where memory is used up: it admits nobody, so that what it adds is bounded by who is in line already. Presence is
-- judged, the schedule acts, and slots past their deadline are found as at any other time. Keys, arguments and reply are those
-- of admit.lua; the last argument is 'nobody'.
--- @include "./admit.lua"
