using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>An answer that comes when the test says so, on another thread; when it is given, all that follows from it has happened.</summary>
internal sealed class HeldAnswer
{
    private readonly TaskCompletionSource<CoapResponse?> _source = new();

    public Task<CoapResponse?> Task => _source.Task;

    public void Give(CoapResponse? response) => OnAnotherThread(() => _source.SetResult(response));

    public void Fail(Exception exception) => OnAnotherThread(() => _source.SetException(exception));

    // On a thread without NUnit's synchronization context, so that what waits for the answer goes on within the call.
    internal static void OnAnotherThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
