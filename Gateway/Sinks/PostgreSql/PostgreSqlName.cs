using System.Text;

namespace Gateway.Sinks;

/// <summary>The name of a table, with or without that of its schema.</summary>
internal sealed record PostgreSqlName(string? Schema, string Table)
{
    // PostgreSQL's NAMEDATALEN is 64 with the zero at the end; what is longer it would cut off.
    private const int MaxBytes = 63;

    /// <summary>As SQL has it. All is quoted, so that each character stands for itself.</summary>
    public string Quoted => Schema is null ? Quote(Table) : $"{Quote(Schema)}.{Quote(Table)}";

    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Reads a name that has been checked with <see cref="Problem"/>.</summary>
    public static PostgreSqlName Parse(string text) =>
        text.Split('.') is [var schema, var table] ? new PostgreSqlName(schema, table) : new PostgreSqlName(null, text);

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Problem(string text)
    {
        var parts = text.Split('.');
        return parts.Length > 2 ? "has more than one point: write a table, or a schema and a table"
            : parts.Any(part => part.Length == 0) ? "has nothing before or behind its point: write a table, or a schema and a table"
            : parts.Any(part => part.Contains('\0', StringComparison.Ordinal)) ? "has a NUL character in it"
            : parts.Any(part => Encoding.UTF8.GetByteCount(part) > MaxBytes) ? $"has a name of more than the {MaxBytes} bytes that PostgreSQL allows"
            : null;
    }

    public override string ToString() => Schema is null ? Table : $"{Schema}.{Table}";
}
