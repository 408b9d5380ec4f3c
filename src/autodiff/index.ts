export { customVjp, grad, hessian, hvp, jacobian, jvp, valueAndGrad, valueAndGradWithAux, vjp } from "./grad.js"
