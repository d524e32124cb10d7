select nextval(pg_get_serial_sequence('profiles_decision', 'id'))
from generate_series(1, :how_many)
