using System.Globalization;

namespace Gateway.Scripting;

/// <summary>When a live version is taken back by itself: it has to be stopped on every frame, or after the swap more frames fail than before.</summary>
internal static class RollbackRule
{
    /// <summary>Stops in a row, over all devices, after which a version is taken back.</summary>
    public const int Stops = 10;

    /// <summary>Frames that a version must have been given before its failures say something.</summary>
    public const int FewestFrames = 20;

    /// <summary>Frames after which a version has proven itself.</summary>
    public const int MostFrames = 500;

    /// <summary>Why a version is to be taken back, or null.</summary>
    /// <param name="live">The version.</param>
    /// <param name="increase">By which share its failures must have grown, 0 to 1.</param>
    public static string? Reason(LiveVersion live, double increase)
    {
        var tally = live.Tally;
        if (tally.StopsInARow >= Stops)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it had to be stopped on each of the last {tally.StopsInARow} frames");
        }

        var frames = tally.Frames;
        if (frames is < FewestFrames or > MostFrames)
        {
            return null;
        }

        // How many invalid frames are usual is known only when the version before has seen some.
        var before = live.Before is { Frames: >= FewestFrames } known ? known : null;
        var share = (double)(tally.Failed + (before is null ? 0 : tally.Invalid)) / frames;
        var shareBefore = before is null ? 0 : (double)(before.Failed + before.Invalid) / before.Frames;
        return share - shareBefore > increase
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % of its first {frames} frames failed, and {100 * shareBefore:0} % of those before")
            : null;
    }
}
