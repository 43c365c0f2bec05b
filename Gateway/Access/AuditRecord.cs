namespace Gateway.Access;

/// <summary>One change: who did what to what, from where, and what came of it.</summary>
internal sealed record AuditRecord
{
    /// <summary>Its number, from 1 and rising; 0 before it is kept.</summary>
    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who: <c>key/</c> and the key's id, <c>open_id/</c> and a name, <c>local</c>, or <c>command line/</c> and the user.</summary>
    public required string Actor { get; init; }

    /// <summary>The address that it came from; empty for the command line.</summary>
    public string Origin { get; init; } = "";

    /// <summary>What was asked for: the operation's name in the OpenAPI document, such as <c>PutDevice</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was asked of, such as <c>/api/v1/devices/cellar</c>.</summary>
    public required string Target { get; init; }

    public required AuditResult Result { get; init; }

    /// <summary>The HTTP status that it was answered with; null when it was no request or never came to an answer.</summary>
    public int? Status { get; init; }

    /// <summary>Why it was not done.</summary>
    public string? Detail { get; init; }

    /// <summary>What was there before, as the API shows it: JSON.</summary>
    public string? Before { get; init; }

    /// <summary>What is there now, as the API shows it: JSON.</summary>
    public string? After { get; init; }
}

/// <summary>What came of a change that was asked for.</summary>
internal enum AuditResult
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It was not done, for a reason that is the caller's.</summary>
    Refused,

    /// <summary>Something went wrong; it may be done or not.</summary>
    Failed,

    /// <summary>It was asked for, and the record could not be kept before; what came of it is in a record of its own.</summary>
    Attempted,
}

/// <summary>Which records are wanted, the newest first.</summary>
internal sealed record AuditQuery
{
    public string? Actor { get; init; }

    public string? Action { get; init; }

    /// <summary>A target, or the beginning of one up to a slash.</summary>
    public string? Target { get; init; }

    public AuditResult? Result { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Only records before this one.</summary>
    public long Before { get; init; } = long.MaxValue;

    public int Limit { get; init; } = 100;
}
