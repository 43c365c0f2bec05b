namespace Gateway.Journal;

/// <summary>Whether frames come so fast that those of the next millisecond are worth waiting for. Of one thread alone.</summary>
/// <param name="time">The clock.</param>
internal sealed class FramePace(TimeProvider time)
{
    // Two thousand a second: below that a commit for each costs the processor an eighth, and nobody's device need wait for others.
    private const int Frames = 20;

    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(10);

    private long _since = time.GetTimestamp();
    private int _frames;

    /// <summary>Whether it was so when so many had come the last time.</summary>
    public bool IsFast { get; private set; }

    /// <summary>So many have come.</summary>
    public void Note(int frames)
    {
        _frames += frames;
        if (_frames >= Frames)
        {
            var now = time.GetTimestamp();
            IsFast = time.GetElapsedTime(_since, now) <= Within;
            (_since, _frames) = (now, 0);
        }
    }
}
