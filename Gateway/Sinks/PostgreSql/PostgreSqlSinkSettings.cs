using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Messages as rows of a table of PostgreSQL.</summary>
internal sealed record PostgreSqlSinkSettings : SinkSettings
{
    [Description("The server and the database, in the words of Npgsql: Host=server;Database=readings;Username=gateway;SSL Mode=VerifyFull. Files that it names are relative to this file.")]
    [Required]
    public string Connection { get; init; } = "";

    [Description("The user's password; ${NAME} takes it from the environment. Null when the server asks for none, or when it knows the sink by its certificate.")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    [Description("The table: readings, or schema.readings. Upper and lower case are told apart.")]
    [Required]
    public string Table { get; init; } = "readings";

    [Description("Whether the table is created, with its schema, when there is none.")]
    public bool CreateTable { get; init; } = true;

    [Description("Whether a table that the sink creates becomes a hypertable where the database has the extension timescaledb.")]
    public bool Hypertable { get; init; } = true;

    [Description("How long the server may take to answer, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 30;

    internal override SinkSettings WithPaths(Func<string, string> absolute) =>
        PostgreSqlOptions.Problem(Connection) is null && Connection.Length > 0 ? this with { Connection = PostgreSqlOptions.WithPaths(Connection, absolute) } : this;

    internal override IEnumerable<(string Setting, string Problem)> Problems()
    {
        IEnumerable<(string Setting, string? Problem)> own =
        [
            ("connection", string.IsNullOrWhiteSpace(Connection) ? null : PostgreSqlOptions.Problem(Connection)),
            ("password", Password is not null && PostgreSqlOptions.HasPassword(Connection) ? "stands in connection too: give it once" : null),
            ("table", string.IsNullOrWhiteSpace(Table) ? null : PostgreSqlName.Problem(Table)),
            ("format", Format is SinkFormat.Json ? null : "must be json: the columns of a row are the members of the gateway's JSON"),
        ];
        return [.. base.Problems(), .. own.Where(found => found.Problem is not null)!];
    }
}
