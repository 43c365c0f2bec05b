using Npgsql;

namespace Gateway.Sinks;

/// <summary>What an error of PostgreSQL means for the messages that it came upon.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>
    /// Whether a message is to blame, and not the server, the table or the user's rights: what is no value of a column's type (class 22),
    /// a constraint (23), a limit of PostgreSQL (54), or a trigger that raises an exception.
    /// </summary>
    public static bool IsOfMessage(PostgresException error) => error.SqlState switch
    {
        // Both say that a check failed; a partition that is missing is nobody's constraint, and has no name.
        PostgresErrorCodes.CheckViolation => !string.IsNullOrEmpty(error.ConstraintName),
        PostgresErrorCodes.RaiseException => true,
        var state => state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal),
    };

    /// <summary>What happened, for people.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidColumnReference } error =>
            $"{error.MessageText} ({error.SqlState}): the table needs PRIMARY KEY ({string.Join(", ", PostgreSqlColumn.Key)})",
        PostgresException { Hint: { Length: > 0 } hint } error => $"{error.MessageText} ({error.SqlState}): {hint}",
        PostgresException error => $"{error.MessageText} ({error.SqlState})",
        IOException => failure.Message,
        { InnerException: { } inner } when !failure.Message.Contains(inner.Message, StringComparison.Ordinal) => $"{failure.Message}: {inner.Message}",
        _ => failure.Message,
    };
}
