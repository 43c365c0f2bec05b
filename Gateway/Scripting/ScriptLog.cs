namespace Gateway.Scripting;

/// <summary>What the log says of scripts. Event ids 1300 to 1399.</summary>
internal static partial class ScriptLog
{
    /// <summary>Tells what is new in a script's state, and nothing twice.</summary>
    public static void Changes(this ILogger logger, string script, ScriptState before, ScriptState now)
    {
        if (now.Candidate is { } candidate && candidate != before.Candidate)
        {
            logger.Tried(script, candidate.Source.Version, candidate.Problems.Count == 0 ? "is tried on the frames of the live one" : string.Join("; ", candidate.Problems));
        }

        if (now.Current is { } live && live != before.Current)
        {
            logger.Live(script, live.Version);
        }
        else if (before.Problems.Count > 0 && now is { Problems.Count: 0, Current: { } kept })
        {
            logger.Mended(script, kept.Version);
        }

        var news = now.Problems.Except(before.Problems).ToArray();
        foreach (var problem in news)
        {
            logger.Problem(problem);
        }

        if (news.Length > 0 && now.Current is { } stays)
        {
            logger.Stays(script, stays.Version);
        }
    }

    [LoggerMessage(1300, LogLevel.Information, "script {Script}: version {Version} is live")]
    private static partial void Live(this ILogger logger, string script, string version);

    [LoggerMessage(1301, LogLevel.Information, "script {Script}: the file is as version {Version} again, which is live")]
    private static partial void Mended(this ILogger logger, string script, string version);

    [LoggerMessage(1302, LogLevel.Error, "{Problem}")]
    private static partial void Problem(this ILogger logger, ScriptProblem problem);

    [LoggerMessage(1303, LogLevel.Warning, "script {Script}: version {Version} stays live until the file is mended")]
    private static partial void Stays(this ILogger logger, string script, string version);

    [LoggerMessage(1304, LogLevel.Information, "script {Script}: candidate {Version} {Outcome}")]
    private static partial void Tried(this ILogger logger, string script, string version, string outcome);

    [LoggerMessage(1305, LogLevel.Warning, "script {Script}: version {Version} is taken back, because {Reason}; {Outcome}")]
    public static partial void TakenBack(this ILogger logger, string script, string version, string reason, string outcome);

    [LoggerMessage(1306, LogLevel.Warning, "the earlier versions in {File} can't be read ({Reason}); they are forgotten")]
    public static partial void VersionsUnreadable(this ILogger logger, string file, string reason);

    [LoggerMessage(1307, LogLevel.Warning, "the versions can't be remembered in {File} ({Reason})")]
    public static partial void VersionsNotWritten(this ILogger logger, string file, string reason);

    [LoggerMessage(1308, LogLevel.Error, "the comparison with a candidate failed; the candidate is tried on")]
    public static partial void ShadowFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1310, LogLevel.Warning, "the scripts folder {Folder} can't be watched ({Reason}); it is looked at every {Seconds} s")]
    public static partial void NotWatched(this ILogger logger, string folder, string reason, double seconds);

    [LoggerMessage(1360, LogLevel.Warning, "the compiled script {File} is damaged or of another version; it is compiled anew")]
    public static partial void CachedImageUnfit(this ILogger logger, string file);

    [LoggerMessage(1361, LogLevel.Warning, "compiled scripts can't be kept in {Folder} ({Reason}); they are compiled at every start")]
    public static partial void CacheUnusable(this ILogger logger, string folder, string reason);

    [LoggerMessage(1311, LogLevel.Error, "looking for changed scripts failed; it is tried again")]
    public static partial void WatchFailed(this ILogger logger, Exception exception);
}
