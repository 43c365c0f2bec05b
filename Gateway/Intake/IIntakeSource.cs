namespace Gateway.Intake;

/// <summary>
/// A broker that commands come from. Of one loop, which takes one message at a time: connect, receive, settle, receive. After an exception
/// the loop disconnects and connects anew; what was not settled by then comes again.
/// </summary>
internal interface IIntakeSource : IAsyncDisposable
{
    /// <summary>The name in gateway.json.</summary>
    string Name { get; }

    /// <summary>The kind of broker, as gateway.json writes it.</summary>
    string Type { get; }

    /// <summary>Connects, where there is no connection that works; completes when messages can come.</summary>
    /// <exception cref="IOException">The broker can't be reached, or does not let the gateway in.</exception>
    Task ConnectAsync(CancellationToken cancellation);

    /// <summary>Waits for the next message.</summary>
    Task<IntakeMessage> ReceiveAsync(CancellationToken cancellation);

    /// <summary>Tells the broker that the message received last is still being worked on; false when it is the connection's no more, and comes again.</summary>
    Task<bool> HoldAsync(CancellationToken cancellation);

    /// <summary>Sends the reply to the message received last, and then acknowledges the message: it never comes again.</summary>
    Task SettleAsync(IntakeAnswer answer, CancellationToken cancellation);

    /// <summary>Ends the connection, if there is one. What was not acknowledged stays with the broker.</summary>
    ValueTask DisconnectAsync();
}
