using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Gateway.Sinks;

/// <summary>A column of the table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, in SQL.</param>
/// <param name="Required">Whether each row has a value for it.</param>
/// <param name="WriteAsync">Writes a row's value to a COPY.</param>
internal sealed record PostgreSqlColumn(
    string Name, string Type, bool Required, Func<NpgsqlBinaryImporter, PostgreSqlRow, CancellationToken, Task> WriteAsync)
{
    /// <summary>All columns that the sink fills, in the order in which a person reads them.</summary>
    public static IReadOnlyList<PostgreSqlColumn> All { get; } =
    [
        new("time", "timestamptz", true, (copy, row, end) => copy.WriteAsync(row.Time, NpgsqlDbType.TimestampTz, end)),
        Text("device_id", row => row.Message.DeviceId, required: true),
        Text("index", row => row.Message.Index),
        new("value", "double precision", false, (copy, row, end) => copy.WriteAsync(row.Value, NpgsqlDbType.Double, end)),
        Text("unit", row => row.Unit),
        new("values", "double precision[]", false, (copy, row, end) => copy.WriteAsync(row.Values, NpgsqlDbType.Array | NpgsqlDbType.Double, end)),
        new("labels", "text[]", true, (copy, row, end) => copy.WriteAsync(LabelsOf(row), NpgsqlDbType.Array | NpgsqlDbType.Text, end)),
        Json("metadata", row => row.Metadata),
        Text("profile", row => row.Message.Profile, required: true),
        Text("kind", row => JsonNamingPolicy.SnakeCaseLower.ConvertName(row.Message.Kind.ToString()), required: true),
        new("revision", "integer", true, (copy, row, end) => copy.WriteAsync(row.Message.Revision, NpgsqlDbType.Integer, end)),
        Text("request_id", row => row.RequestId),
        Text("message_id", row => row.Message.Id.ToString(), required: true),
        Json("body", row => row.Message.Body, required: true),
    ];

    /// <summary>What makes a row the same row.</summary>
    public static IReadOnlyList<string> Key { get; } = ["time", "message_id"];

    /// <summary>As in <c>CREATE TABLE</c>.</summary>
    public string Definition => $"{Quoted} {Type}{(Required ? " NOT NULL" : "")}";

    public string Quoted => PostgreSqlName.Quote(Name);

    private static string?[] LabelsOf(PostgreSqlRow row) => [.. row.Message.Labels.Select(PostgreSqlText.WithoutNul)];

    private static PostgreSqlColumn Text(string name, Func<PostgreSqlRow, string?> of, bool required = false) =>
        new(name, "text", required, (copy, row, end) => copy.WriteAsync(PostgreSqlText.WithoutNul(of(row)), NpgsqlDbType.Text, end));

    private static PostgreSqlColumn Json(string name, Func<PostgreSqlRow, ReadOnlyMemory<byte>?> of, bool required = false) =>
        new(name, "jsonb", required, (copy, row, end) => of(row) is { } json
            ? copy.WriteAsync(PostgreSqlText.WithoutNul(json), NpgsqlDbType.Jsonb, end)
            : copy.WriteNullAsync(end));
}
