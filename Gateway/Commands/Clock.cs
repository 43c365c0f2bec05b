namespace Gateway.Commands;

/// <summary>The time of a step: to the millisecond, as stores keep it, so that a command is told the same before and after a restart.</summary>
internal static class Clock
{
    public static DateTimeOffset Now(TimeProvider time) => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
