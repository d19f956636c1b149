// The few declarations of the Azure Functions isolated worker that the classes in functions/ use, with the shapes of the packages
// Microsoft.Azure.Functions.Worker (2.x) and its HTTP, Blob and Timer extensions. FunctionHost finds functions by them.
namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function.</summary>
/// <param name="name">The function's name, unique in the app.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name.</summary>
    public string Name { get; } = name;
}

/// <summary>Who may call an HTTP function.</summary>
public enum AuthorizationLevel
{
    /// <summary>Everyone.</summary>
    Anonymous = 0,

    /// <summary>A signed-in user; here the key is asked for.</summary>
    User = 1,

    /// <summary>Requests with the function's key.</summary>
    Function = 2,

    /// <summary>Requests with a system key; here the key is asked for.</summary>
    System = 3,

    /// <summary>Requests with the host's key.</summary>
    Admin = 4,
}

/// <summary>Has a function invoked over HTTP.</summary>
/// <param name="authLevel">Who may call it.</param>
/// <param name="methods">The HTTP methods; none means all.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    /// <summary>Has a function invoked with the given methods and the function's key.</summary>
    public HttpTriggerAttribute(params string[] methods)
        : this(AuthorizationLevel.Function, methods)
    {
    }

    /// <summary>The route's template in ASP.NET Core's syntax; without one the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods; empty for all.</summary>
    public string[] Methods { get; } = methods;

    /// <summary>Who may call it.</summary>
    public AuthorizationLevel AuthLevel { get; } = authLevel;
}

/// <summary>How a blob trigger learns of blobs; locally it is always a scan of the container.</summary>
public enum BlobTriggerSource
{
    /// <summary>Logs and scans.</summary>
    LogsAndContainerScan,

    /// <summary>Event Grid.</summary>
    EventGrid,
}

/// <summary>Has a function invoked for each new or changed blob.</summary>
/// <param name="blobPath">Container and pattern of the name: <c>releases/{name}</c>.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BlobTriggerAttribute(string blobPath) : Attribute
{
    /// <summary>Container and pattern of the name.</summary>
    public string BlobPath { get; } = blobPath;

    /// <summary>The setting that holds the connection; without one <c>AzureWebJobsStorage</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>How it learns of blobs in Azure.</summary>
    public BlobTriggerSource Source { get; set; } = BlobTriggerSource.LogsAndContainerScan;
}

/// <summary>Has a function invoked on a schedule.</summary>
/// <param name="schedule">NCRONTAB with six fields: <c>{second} {minute} {hour} {day} {month} {day of week}</c>, in UTC.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The schedule.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>Whether Azure keeps account of missed occurrences; locally nothing is.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether it is also invoked when the host starts.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>A timer's occurrences.</summary>
public class ScheduleStatus
{
    /// <summary>The last one (UTC).</summary>
    public DateTime Last { get; set; }

    /// <summary>The next one (UTC).</summary>
    public DateTime Next { get; set; }

    /// <summary>When this was last written (UTC).</summary>
    public DateTime LastUpdated { get; set; }
}

/// <summary>What a timer function is told.</summary>
public class TimerInfo
{
    /// <summary>The timer's occurrences.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether the invocation is later than its schedule.</summary>
    public bool IsPastDue { get; set; }
}
