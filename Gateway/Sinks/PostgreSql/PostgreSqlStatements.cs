namespace Gateway.Sinks;

/// <summary>The SQL of the sink.</summary>
internal static class PostgreSqlStatements
{
    private const string Batch = "pg_temp.gateway_batch";

    private static readonly string Columns = string.Join(", ", PostgreSqlColumn.All.Select(column => column.Quoted));
    private static readonly string Key = string.Join(", ", PostgreSqlColumn.Key.Select(PostgreSqlName.Quote));

    /// <summary>
    /// The temporary table that a batch is copied into: COPY itself knows no ON CONFLICT. It takes anything, so that it is always the real
    /// table that refuses something.
    /// </summary>
    public static string CreateBatch { get; } =
        $"CREATE TEMPORARY TABLE gateway_batch (place integer, {string.Join(", ", PostgreSqlColumn.All.Select(column => $"{column.Quoted} {column.Type}"))}) ON COMMIT DELETE ROWS";

    public static string CopyBatch { get; } = $"COPY {Batch} (place, {Columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>From the temporary table into the real one, in order. What is there already is written again, as it is the same message.</summary>
    public static string Insert(PostgreSqlName table) =>
        $"INSERT INTO {table.Quoted} ({Columns}) SELECT {Columns} FROM {Batch} ORDER BY place ON CONFLICT ({Key}) DO UPDATE SET {string.Join(
            ", ", PostgreSqlColumn.All.Where(column => !PostgreSqlColumn.Key.Contains(column.Name)).Select(column => $"{column.Quoted} = EXCLUDED.{column.Quoted}"))}";

    /// <summary>The table, with an index for what is asked most: one device's values of one kind, the newest first.</summary>
    public static string CreateTable(PostgreSqlName table) =>
        $"""
        CREATE TABLE {table.Quoted} ({string.Join(", ", PostgreSqlColumn.All.Select(column => column.Definition))}, PRIMARY KEY ({Key}));
        CREATE INDEX ON {table.Quoted} ("device_id", "index", "time" DESC)
        """;
}
