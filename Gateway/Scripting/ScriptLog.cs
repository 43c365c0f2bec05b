namespace Gateway.Scripting;

/// <summary>What the log says of scripts. Event ids 1300 to 1399.</summary>
internal static partial class ScriptLog
{
    /// <summary>Tells what is new in a script's state, and nothing twice.</summary>
    public static void Changes(this ILogger logger, string script, ScriptState before, ScriptState now)
    {
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

    [LoggerMessage(1310, LogLevel.Warning, "the scripts folder {Folder} can't be watched ({Reason}); it is looked at every {Seconds} s")]
    public static partial void NotWatched(this ILogger logger, string folder, string reason, double seconds);

    [LoggerMessage(1360, LogLevel.Warning, "the compiled script {File} is damaged or of another version; it is compiled anew")]
    public static partial void CachedImageUnfit(this ILogger logger, string file);

    [LoggerMessage(1361, LogLevel.Warning, "compiled scripts can't be kept in {Folder} ({Reason}); they are compiled at every start")]
    public static partial void CacheUnusable(this ILogger logger, string folder, string reason);

    [LoggerMessage(1311, LogLevel.Error, "looking for changed scripts failed; it is tried again")]
    public static partial void WatchFailed(this ILogger logger, Exception exception);
}
