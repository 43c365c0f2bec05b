namespace Gateway.Intake;

/// <summary>How an intake is, for people.</summary>
/// <param name="Name">Its name in gateway.json.</param>
/// <param name="Type">Its kind, such as <c>mqtt</c>.</param>
/// <param name="LastError">What is wrong now; null when nothing is.</param>
/// <param name="FailingSince">When that began; null when nothing is wrong.</param>
internal sealed record IntakeStatus(string Name, string Type, string? LastError, DateTimeOffset? FailingSince);
