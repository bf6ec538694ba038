DROP TABLE on_call_overrides, on_call_shifts, on_call_rotas;
