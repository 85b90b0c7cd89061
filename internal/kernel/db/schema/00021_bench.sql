-- Whoever sits on the board now has an office of that name; the standing of
-- members is open to it. The people of the board's audience are those of its
-- seats.
INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap, class)
SELECT g.subject_id, 'role', 'bench', 'person', g.subject_id, 1, ''
FROM board_room b JOIN audience_grant g ON g.audience_id = b.audience_id AND g.kind = 'person' JOIN person p ON p.id = g.subject_id AND p.state = 'active'
WHERE NOT EXISTS (SELECT 1 FROM seat x WHERE x.person_id = g.subject_id AND x.kind = 'role' AND x.subject_id = 'bench');

INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, reason, since)
SELECT g.audience_id, 'role', 'bench', g.role, g.reach, 'decides on members', g.since
FROM standing s JOIN audience_grant g ON g.audience_id = s.audience_id AND g.kind = 'role' AND g.subject_id = 'board'
WHERE NOT EXISTS (SELECT 1 FROM audience_grant x WHERE x.audience_id = g.audience_id AND x.kind = 'role' AND x.subject_id = 'bench');
