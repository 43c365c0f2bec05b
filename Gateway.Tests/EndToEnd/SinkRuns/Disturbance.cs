namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>What happens in a run.</summary>
internal enum Disturbance
{
    /// <summary>The server is stopped, and started again some frames later.</summary>
    Restart,

    /// <summary>What is connected to the server is cut, in the middle of whatever is on its way.</summary>
    Cut,

    /// <summary>The gateway's process is killed, and started again.</summary>
    Kill,
}
