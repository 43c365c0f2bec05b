using System.Threading.Channels;

namespace Gateway.Journal;

/// <summary>How a thread of its own waits for what comes through a channel.</summary>
internal static class ChannelSleep
{
    /// <summary>
    /// Waits until there is something to read; false when nothing will come any more. The thread sleeps at once: to wait for the task would ask
    /// the kernel for somebody else's turn some dozens of times first, which on a busy machine are as many switches of threads.
    /// </summary>
    public static bool WaitToRead<T>(this ChannelReader<T> reader)
    {
        var ready = reader.WaitToReadAsync();
        if (ready.IsCompleted)
        {
            return ready.Result;
        }

        using var task = ready.AsTask();
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        return task.Result;
    }
}
