using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local;

/// <summary>HTTP triggers: their routes, arguments and key, and the errors that are nobody else's.</summary>
internal static class HttpFunctions
{
    private const string KeyHeader = "x-functions-key";

    /// <summary>Maps the HTTP functions among some functions; the route prefix is empty.</summary>
    public static void Map(WebApplication app, IReadOnlyList<Function> functions)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Pipeline");
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(app.Configuration["Pipeline:Key"] ?? "local"));
        string[][] known = [.. functions.Select(f => f.Trigger).OfType<HttpTriggerAttribute>().Select(t => (t.Route ?? "").Split('/'))];
        app.UseRouting();
        app.Use((context, next) =>
        {
            // Routing itself puts an endpoint of its own in place where only the method does not fit; ours carry their function.
            var endpoint = context.GetEndpoint();
            return endpoint is null ? UnknownRoute(context, known)
                : endpoint.Metadata.GetMetadata<Function>() is null ? WrongMethod(context, endpoint)
                : next(context);
        });
        app.UseEndpoints(endpoints =>
        {
            foreach (var function in functions)
            {
                if (function.Trigger is not HttpTriggerAttribute trigger)
                    continue;
                var route = RoutePatternFactory.Parse(trigger.Route ?? function.Name);
                var handler = Handler(function, trigger, route, key, logger);
                (trigger.Methods.Length == 0
                    ? endpoints.Map(route, handler)
                    : endpoints.MapMethods(trigger.Route ?? function.Name, trigger.Methods.Select(m => m.ToUpperInvariant()), handler)).WithMetadata(function);
            }
        });
    }

    private static RequestDelegate Handler(Function function, HttpTriggerAttribute trigger, RoutePattern route, byte[] key, ILogger logger)
    {
        var bind = function.Parameters.Select(parameter => Binder(function, parameter, route)).ToArray();
        if (!typeof(IResult).IsAssignableFrom(function.Method.ReturnType) && function.Method.ReturnType != typeof(Task<IResult>))
            throw new InvalidOperationException($"The function {function.Name} returns {function.Method.ReturnType.Name}. Expected: IResult or Task<IResult>.");
        var open = trigger.AuthLevel == AuthorizationLevel.Anonymous;

        return async context =>
        {
            if (!open && !await HasKeyAsync(context, key))
                return;
            try
            {
                var arguments = new object?[bind.Length];
                for (var i = 0; i < bind.Length; i++)
                    arguments[i] = bind[i](context);
                var result = function.Invoke(context.RequestServices, arguments);
                await (result is Task<IResult> task ? await task : (IResult)result!).ExecuteAsync(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone: nobody to answer.
            }
            catch (Exception e) when (context.Response.HasStarted)
            {
                logger.LogError(e, "{Function} failed in the middle of its answer to {Path}", function.Name, context.Request.Path);
                // The client must not take half an answer for a whole one.
                context.Abort();
            }
            catch (BadHttpRequestException e)
            {
                context.Response.Clear();
                await Problem.WriteAsync(context, e.StatusCode, "request-unreadable", "The request can not be read", e.Message);
            }
            catch (Exception e)
            {
                var trace = Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
                logger.LogError(e, "{Function} failed for {Method} {Path} (trace {Trace})", function.Name, context.Request.Method, context.Request.Path, trace);
                context.Response.Clear();
                await Problem.WriteAsync(context, 500, "internal-error", "This is a fault of ours",
                    $"The request could not be answered. Try again; if it stays, report it with the trace id {trace}, which the log has the reason under.", trace);
            }
        };
    }

    private static Func<HttpContext, object?> Binder(Function function, System.Reflection.ParameterInfo parameter, RoutePattern route)
    {
        var (name, type) = (parameter.Name!, parameter.ParameterType);
        if (type == typeof(HttpRequest))
            return static context => context.Request;
        if (type == typeof(HttpContext))
            return static context => context;
        if (type == typeof(CancellationToken))
            return static context => context.RequestAborted;
        if (route.GetParameter(name) is not null && type == typeof(string))
            return context => context.Request.RouteValues[name] as string;
        if (route.GetParameter(name) is not null && type == typeof(int))
        {
            return context => int.TryParse(context.Request.RouteValues[name] as string, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new BadHttpRequestException($"{name} is \"{context.Request.RouteValues[name]}\". Expected: a whole number.");
        }
        throw function.Unbindable(parameter, "HttpRequest, CancellationToken, or string or int with the name of a part of its route");
    }

    private static async ValueTask<bool> HasKeyAsync(HttpContext context, byte[] key)
    {
        var given = context.Request.Headers[KeyHeader].ToString() is { Length: > 0 } header ? header : context.Request.Query["code"].ToString();
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), key))
            return true;
        var (code, title) = given.Length == 0 ? ("key-missing", "A key is needed") : ("key-wrong", "The key is not right");
        await Problem.WriteAsync(context, 401, code, title,
            $"{context.Request.Method} {context.Request.Path} needs a key. Send it in the header {KeyHeader}; on a local host it is the setting Pipeline:Key, by default \"local\".");
        return false;
    }

    private static Task UnknownRoute(HttpContext context, string[][] known)
    {
        var meant = Meant(context.Request.Path.Value ?? "/", known) is { } path ? path + context.Request.QueryString : null;
        return Problem.WriteAsync(context, 404, "route-unknown", "There is nothing at this address",
            $"Nothing answers at {context.Request.Path}{(meant is null ? "." : $"; did you mean {meant}?")} The addresses that do are described at /docs.", meant: meant);
    }

    // The address without what is too much (api/, a doubled slash) and with what is missing: v1/, the s of datasets.
    private static string? Meant(string path, string[][] known)
    {
        List<string> parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        if (parts.Count > 0 && parts[0].Equals("api", StringComparison.OrdinalIgnoreCase))
            parts.RemoveAt(0);
        foreach (var asked in (List<string>[])[parts, ["v1", .. parts]])
        {
            var route = known.FirstOrDefault(r => r.Length == asked.Count && r[0].Length > 0 && r.Index().All(p => p.Item.StartsWith('{') ? p.Index > 0 : IsNearly(p.Item, asked[p.Index])));
            if (route is not null)
                return "/" + string.Join('/', route.Select((part, i) => part.StartsWith('{') ? Uri.EscapeDataString(asked[i]) : part));
        }
        return null;

        static bool IsNearly(string part, string asked) =>
            part.Equals(asked, StringComparison.OrdinalIgnoreCase) || part.Equals(asked + "s", StringComparison.OrdinalIgnoreCase) || asked.Equals(part + "s", StringComparison.OrdinalIgnoreCase);
    }

    private static async Task WrongMethod(HttpContext context, Endpoint endpoint)
    {
        await endpoint.RequestDelegate!(context);
        if (context.Response.HasStarted)
            return;
        await Problem.WriteAsync(context, 405, "method-not-allowed", "The address does not take this method",
            $"{context.Request.Path} does not take {context.Request.Method}. It takes: {context.Response.Headers.Allow}. See /docs.");
    }
}
