using Npgsql;

namespace Gateway.Sinks;

/// <summary>Finds the table, or creates it, and looks whether it has what the sink needs.</summary>
internal sealed class PostgreSqlTable(NpgsqlConnection connection, PostgreSqlSinkSettings settings)
{
    // Any number will do that is the same for all gateways: it stands for "a gateway creates a table".
    private const long CreationLock = 0x636F_6170_5F67_7721;

    private readonly PostgreSqlName _wanted = PostgreSqlName.Parse(settings.Table);

    /// <summary>The table's full name, which no temporary table can hide.</summary>
    /// <exception cref="IOException">There is none, or it is not such as the sink needs.</exception>
    public async Task<PostgreSqlName> ReadyAsync(CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is not { } found)
        {
            found = settings.CreateTable ? await CreateAsync(cancellation) : throw new IOException($"there is no table {_wanted}, and create_table is false");
        }

        return await ObjectionAsync(found, cancellation) is { } objection ? throw new IOException(objection) : found;
    }

    private async Task<PostgreSqlName?> FindAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)", connection)
        { Parameters = { new() { Value = _wanted.Quoted } } };
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation) ? new PostgreSqlName(rows.GetString(0), rows.GetString(1)) : null;
    }

    // Under a lock, and only if it is still not there: several gateways may start at once, and CREATE TABLE IF NOT EXISTS alone can collide.
    private async Task<PostgreSqlName> CreateAsync(CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({CreationLock})", cancellation);
        if (await FindAsync(cancellation) is not { } table)
        {
            if (_wanted.Schema is { } schema && !await HasAsync("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema, cancellation))
            {
                await ExecuteAsync($"CREATE SCHEMA {PostgreSqlName.Quote(schema)}", cancellation);
            }

            await ExecuteAsync(PostgreSqlStatements.CreateTable(_wanted), cancellation);
            table = await FindAsync(cancellation) ?? throw new IOException($"the table {_wanted} was created, and is not in the search path");
            await MakeHypertableAsync(table, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return table;
    }

    private async Task MakeHypertableAsync(PostgreSqlName table, CancellationToken cancellation)
    {
        const string find = "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb'";
        await using var search = new NpgsqlCommand(find, connection);
        if (settings.Hypertable && await search.ExecuteScalarAsync(cancellation) is string schema)
        {
            await using var command = new NpgsqlCommand($"SELECT {schema}.create_hypertable($1::regclass, 'time'::name, if_not_exists => true)", connection)
            {
                Parameters = { new() { Value = table.Quoted } },
            };
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task<string?> ObjectionAsync(PostgreSqlName table, CancellationToken cancellation)
    {
        const string columns =
            """
            SELECT attname::text, attnotnull AND NOT atthasdef AND attidentity = '' AS must_be_given
            FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """;
        await using var command = new NpgsqlCommand(columns, connection) { Parameters = { new() { Value = table.Quoted } } };
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var missing = PostgreSqlColumn.All.ToDictionary(column => column.Name);
        var unknown = new List<string>();
        while (await rows.ReadAsync(cancellation))
        {
            var name = rows.GetString(0);
            if (!missing.Remove(name) && rows.GetBoolean(1))
            {
                unknown.Add(name);
            }
        }

        return missing.Count > 0 ? $"the table {_wanted} has no {Listed(missing.Values.Select(column => $"{column.Name} {column.Type}"))}: add what is missing, or name another table"
            : unknown.Count > 0 ? $"the table {_wanted} wants a value for {Listed(unknown)}, of which the sink knows nothing: give it a default, or let it be null"
            : null;
    }

    private async Task<bool> HasAsync(string query, string value, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = value } } };
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private async Task ExecuteAsync(string statement, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names);
}
